import { UmbelError } from "@umbel/protocol";
import { parseOptions, type DemoOptions } from "./demo-options.ts";
import { runDemo } from "./demo.ts";
import { plainReporter, type Reporter } from "./report/reporter.ts";
import { summaryLines } from "./report/summary-text.ts";
import { TerminalReporter } from "./report/terminal-reporter.ts";
import type { Summary } from "./summary/summary.ts";

const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const interrupted = interruption();
  const json = args.includes("--json");
  try {
    const options = parseOptions(args);
    const reporter = reporterFor(options);
    const onSummary = (summary: Summary): void => showSummary(summary, options, reporter);
    const { ok } = await runDemo(options, { reporter, signal: interrupted, onSummary });
    return ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (interrupted.aborted) return EXIT.interrupted;
    const { code, message } = UmbelError.from(error);
    process.stderr.write(`${message}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message } })}\n`);
    return code === "invalid_argument" ? EXIT.usage : EXIT.failed;
  }
}

// The first one stops everything cleanly, the second one at once: nothing that was started outlives this process.
function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error("interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);
  return controller.signal;
}

function reporterFor({ json }: DemoOptions): Reporter {
  if (json) return plainReporter(process.stderr);
  return process.stdout.isTTY ? new TerminalReporter(process.stdout) : plainReporter(process.stdout);
}

function showSummary(summary: Summary, { json }: DemoOptions, reporter: Reporter): void {
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else for (const line of summaryLines(summary)) reporter.line(line);
}
