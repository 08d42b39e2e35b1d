// Lifecycle
export { createService } from "./service.ts";
export type { Service, ServiceHooks } from "./service.ts";
export { linkedController } from "./linked-signal.ts";
export type { LinkedController } from "./linked-signal.ts";

// Time
export { systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { sleep } from "./sleep.ts";
export { after } from "./after.ts";
export { every } from "./interval.ts";
export { withDeadline } from "./with-deadline.ts";
export { eventually } from "./eventually.ts";
export type { EventuallyOptions } from "./eventually.ts";

// Memory
export { ShortLivedMap } from "./short-lived-map.ts";

// Network
export { freePort } from "./free-port.ts";

// Logging
export { silentLogger } from "./logger.ts";
export type { Logger, LogFields } from "./logger.ts";
