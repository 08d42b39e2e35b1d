import { ProxyTracerProvider, trace, type Tracer } from "@opentelemetry/api";

/** The instrumentation scope of every span that Umbel makes. */
const INSTRUMENTATION_SCOPE = "@umbel/telemetry";

/** What a proxy delegates to before an SDK is registered: the API's one no-op provider. */
const noopProvider = new ProxyTracerProvider().getDelegate();

/**
 * Umbel's tracer, or `undefined` while no tracer provider is registered. Asked anew at every call,
 * since an application may register its SDK after it loaded Umbel.
 */
export function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  if (provider instanceof ProxyTracerProvider && provider.getDelegate() === noopProvider) return undefined;
  return provider.getTracer(INSTRUMENTATION_SCOPE);
}
