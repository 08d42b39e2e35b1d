import type { Cast } from "../arena/cast.ts";
import type { Site } from "../arena/site.ts";
import type { PlannedFault } from "../plan/plan-faults.ts";

/** What faults are done to. */
export interface Scene {
  readonly site: Site;
  readonly cast: Cast;
}

/** A fault that has begun. */
export interface Begun {
  /** To what it is done. */
  readonly detail: string;
  /** Make it good. */
  end(): Promise<void>;
}

/** Begins a fault; `undefined` when there is nothing at this moment that it could be done to. */
export type Fault = (scene: Scene, planned: PlannedFault) => Promise<Begun | undefined>;
