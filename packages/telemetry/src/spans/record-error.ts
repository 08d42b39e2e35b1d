import { SpanStatusCode, type Span } from "@opentelemetry/api";
import { ATTRIBUTES } from "../attributes.ts";
import { className, errorMessage, errorType, stackWithCauses } from "../error-fields.ts";

/** Mark `span` as failed with `reason`: status, `error.type`, and an exception event with its causes. */
export function recordError(span: Span, reason: unknown): void {
  if (!span.isRecording()) return;
  const message = errorMessage(reason);
  span.setAttribute(ATTRIBUTES.errorType, errorType(reason));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.recordException({ name: className(reason), message, stack: stackWithCauses(reason) });
}
