/** Data of one log line. Values are plain data or errors. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The logger that Umbel's packages see. A pino logger fits it as it is:
 * fields first, then a fixed message.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds `bindings` to every line. */
  child(bindings: LogFields): Logger;
}

const ignore = (): void => undefined;

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
