#!/usr/bin/env node
// Before anything is imported: older versions cannot even parse it.
const OLDEST = [22, 18] as const;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `error: umbel needs Node.js ${OLDEST.join(".")} or newer; this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
} else {
  const { runProgram } = await import("./run-program.ts");
  process.exitCode = await runProgram(process.argv.slice(2));
}
