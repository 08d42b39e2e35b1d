// For Umbel's own packages: may change with any version.
export { bindIdentity } from "./hold.ts";
export { createMesh } from "./create-mesh.ts";
