import { invalidArgument } from "./umbel-error.ts";

/** How many tags a run may have. */
export const MAX_TAGS = 16;
/** How many characters a tag may have. */
export const MAX_TAG_LENGTH = 64;

/**
 * The different ones of `tags`, after checking them: at most {@link MAX_TAGS} texts of 1 to
 * {@link MAX_TAG_LENGTH} characters, whatever they are.
 *
 * @throws UmbelError `invalid_argument` naming the tag that is none.
 */
export function checkTags(tags: unknown, field = "tags"): readonly string[] {
  if (!Array.isArray(tags)) throw invalidArgument({ field, received: tags, expected: "an array of texts" });
  const checked = tags.map((tag: unknown, index) => checkTag(tag, `${field}[${index}]`));
  const different = [...new Set(checked)];
  if (different.length <= MAX_TAGS) return different;
  throw invalidArgument({
    field,
    received: `${different.length} tags`,
    expected: `at most ${MAX_TAGS} tags`,
  });
}

/** @throws UmbelError `invalid_argument` unless `tag` can be a tag. */
export function checkTag(tag: unknown, field = "tag"): string {
  // Half a surrogate pair has no UTF-8 form: it would come back as another text.
  if (typeof tag === "string" && tag.isWellFormed() && hasLength(tag)) return tag;
  const expected = `text of 1 to ${MAX_TAG_LENGTH} characters`;
  throw invalidArgument({ field, received: tag, expected });
}

function hasLength(tag: string): boolean {
  // A character has at most two code units: what is longer need not be counted.
  if (tag.length > 2 * MAX_TAG_LENGTH) return false;
  const count = Array.from(tag).length;
  return count >= 1 && count <= MAX_TAG_LENGTH;
}

/** The tags in a decoded record; `undefined` when there are none, or they are no texts. */
export function readTags(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const texts = value.filter((tag): tag is string => typeof tag === "string");
  return texts.length === value.length ? texts.slice(0, MAX_TAGS) : undefined;
}
