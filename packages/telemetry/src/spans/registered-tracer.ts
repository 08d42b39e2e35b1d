import { ProxyTracerProvider, trace, type Tracer, type TracerProvider } from "@opentelemetry/api";

/** The instrumentation scope of every span that Umbel makes. */
const INSTRUMENTATION_SCOPE = "@umbel/telemetry";

/** What a proxy delegates to before an SDK is registered: the API's one no-op provider. */
const noopProvider = new ProxyTracerProvider().getDelegate();

/**
 * Umbel's tracer, or `undefined` while no tracer provider is registered. Asked anew at every call,
 * since an application may register its SDK after it loaded Umbel.
 */
export function registeredTracer(): Tracer | undefined {
  const registered = trace.getTracerProvider();
  const provider = registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
  if (provider === noopProvider) return undefined;
  // Twice for every run: looking a tracer up by its name is a part of what a span costs.
  if (provider !== last?.provider) last = { provider, tracer: provider.getTracer(INSTRUMENTATION_SCOPE) };
  return last.tracer;
}

let last: { readonly provider: TracerProvider; readonly tracer: Tracer } | undefined;
