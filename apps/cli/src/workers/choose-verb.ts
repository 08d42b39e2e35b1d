import { invalidArgument, nearestName } from "@umbel/protocol";

/** What a verb of `umbel inspect` or `umbel control` takes. */
export interface VerbShape {
  /** The arguments behind it: `<task>`; the last may be repeated: `<ids...>`. */
  readonly args: readonly string[];
  /** As Celery calls it. */
  readonly alias?: string;
  /** What it does, for the help. */
  readonly about: string;
}

/** A verb that was asked for, with its arguments. */
export interface ChosenVerb<Verb extends string> {
  readonly verb: Verb;
  readonly args: readonly string[];
}

/**
 * The verb of `verbs` that `name` means: its own name, Celery's, or either with underscores. Pure.
 *
 * @throws UmbelError `invalid_argument` for another, which says what may be meant; or for too many or few arguments.
 */
export function chooseVerb<Verb extends string>(
  name: string,
  args: readonly string[],
  verbs: Readonly<Record<Verb, VerbShape>>,
): ChosenVerb<Verb> {
  const wanted = name.toLowerCase().replaceAll("_", "-");
  const known = verbNames(verbs);
  const verb = known.find((each) => each === wanted || verbs[each].alias === wanted);
  if (verb === undefined) throw unknownVerb(name, known);
  const { args: shape } = verbs[verb];
  const many = shape.at(-1)?.includes("...") === true;
  if (args.length < shape.length || (!many && args.length > shape.length)) {
    throw invalidArgument({
      field: verb,
      received: args.length === 0 ? undefined : args.join(" "),
      expected: shape.length === 0 ? "no arguments" : shape.join(" "),
    });
  }
  return { verb, args };
}

/** The verbs for the help: one a line. Pure. */
export function verbLines<Verb extends string>(verbs: Readonly<Record<Verb, VerbShape>>): string {
  const lines = verbNames(verbs).map((verb) => ({
    usage: [verb, ...verbs[verb].args].join(" "),
    about: verbs[verb].about,
  }));
  const width = Math.max(...lines.map(({ usage }) => usage.length));
  return lines.map(({ usage, about }) => `  ${usage.padEnd(width)}  ${about}`).join("\n");
}

function verbNames<Verb extends string>(verbs: Readonly<Record<Verb, VerbShape>>): readonly Verb[];
function verbNames(verbs: object): readonly string[] {
  return Object.keys(verbs);
}

function unknownVerb(name: string, known: readonly string[]): Error {
  const nearest = nearestName(name.replaceAll("_", "-"), known);
  return invalidArgument({
    field: "<verb>",
    received: name,
    expected: `one of ${known.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
