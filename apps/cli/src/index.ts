// What umbel.config.ts is written with
export { defineConfig } from "./config/config.ts";
export type { UmbelConfig } from "./config/config.ts";
