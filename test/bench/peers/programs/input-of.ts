/** What we sent, as far as a handler looks at it. */
export interface ReceivedInput {
  readonly index: number;
  readonly dueAt: number | undefined;
  readonly sentAt: number | undefined;
}

/** What we sent, out of a system that hands over data of no known type. A schema would weigh in the figures. */
export function inputOf(data: unknown): ReceivedInput {
  const field = (name: string): number | undefined => {
    const value: unknown = typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;
    return typeof value === "number" ? value : undefined;
  };
  return { index: field("index") ?? NaN, dueAt: field("dueAt"), sentAt: field("sentAt") };
}
