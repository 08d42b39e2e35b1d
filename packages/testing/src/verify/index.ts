// Verifying a mesh
export { faultsFor, verifySite } from "./verify.ts";
export type { VerifyOptions } from "./verify.ts";
export { foreignSite } from "./foreign-site.ts";
export { ownCluster } from "./own-cluster.ts";
export type { Site } from "./arena/site.ts";

// Faults
export { FAULT_KINDS, FAULTS, isFaultKind } from "./plan/fault-kinds.ts";
export type { FaultKind } from "./plan/fault-kinds.ts";

// What came of it
export { reportText } from "./report.ts";
export type { FaultReport, VerifyReport } from "./report.ts";
export type { Duplicates } from "./check/duplicates.ts";
export type { Violation } from "./check/violation.ts";
