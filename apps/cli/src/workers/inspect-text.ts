import type { Inspected } from "@umbel/client";
import type { Paint } from "../output/colour.ts";
import { prettyJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { indented, table } from "../output/table.ts";
import { formatDuration, formatMoment } from "../output/time.ts";
import { shownName } from "./workers-text.ts";

/** What workers answered, for people: each with where that comes from. */
export function inspectText(answers: readonly Inspected<unknown>[], paint: Paint): string {
  if (answers.length === 0) return "there are no workers: start one with umbel worker <modules...>";
  return answers.map((answer) => answerText(answer, answers, paint)).join("\n");
}

function answerText(answer: Inspected<unknown>, all: readonly Inspected<unknown>[], paint: Paint): string {
  const { worker: id, name } = answer;
  const head = `${paint("strong", printable(shownName({ id, name }, all)))}  ${sourceText(answer, paint)}`;
  if (answer.source === "none" || answer.source === "refused") return head;
  const text = valueText(answer.value, paint);
  return text === "" ? head : `${head}\n${indented(text, "  ")}`;
}

function sourceText(answer: Inspected<unknown>, paint: Paint): string {
  switch (answer.source) {
    case "live":
      return paint("good", `answered in ${formatDuration(answer.tookMs)}`);
    case "registry":
      return paint("warning", `${WHY[answer.why]}: as it told ${formatDuration(answer.ageMs)} ago`);
    case "none":
      return paint("bad", `${WHY[answer.why]}: it last told of itself ${formatDuration(answer.ageMs)} ago`);
    case "refused":
      return paint("bad", printable(answer.error.message));
    default:
      return answer satisfies never;
  }
}

const WHY = { busy: "did not answer in time", lost: "is gone" } as const;

// Lists as tables, everything else as fields.
function valueText(value: unknown, paint: Paint): string {
  const list = listIn(value);
  if (list !== undefined) return list.length === 0 ? paint("quiet", "nothing") : listText(list, paint);
  if (typeof value !== "object" || value === null) return printable(String(value));
  const rows = Object.entries(value).map(([name, each]) => [paint("quiet", name), cell(name, each)]);
  return table(rows);
}

function listIn(value: unknown): readonly object[] | undefined {
  const list: unknown =
    typeof value === "object" && value !== null && "total" in value ? Reflect.get(value, "runs") : value;
  return Array.isArray(list) ? list.filter((each) => typeof each === "object" && each !== null) : undefined;
}

function listText(list: readonly object[], paint: Paint): string {
  const names = [...new Set(list.flatMap((each) => Object.keys(each)))];
  const rows = list.map((each) => names.map((name) => cell(name, Reflect.get(each, name))));
  return table([names.map((name) => paint("quiet", name)), ...rows]);
}

function numberText(name: string, value: number): string {
  if (name === "at" || name.endsWith("At")) return formatMoment(value);
  return name.endsWith("Ms") ? formatDuration(value) : String(value);
}

function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "number") return numberText(name, value);
  if (Array.isArray(value) && value.every((each) => typeof each === "string"))
    return printable(value.join(", "));
  return printable(typeof value === "string" ? value : prettyJson(value));
}
