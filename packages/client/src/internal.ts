// For Umbel's own packages: may change with any version.
export { createMesh } from "./create-mesh.ts";
