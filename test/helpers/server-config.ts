/** Configuration of a server whose clients have so much room for streams together: `"1MB"`. */
export function limitStorage(size: string): string {
  return `
    accounts { APP { jetstream { max_file: ${size} }, users: [${user("app")}] } }
    no_auth_user: app`;
}

/** A user in a server's configuration whose password is the name, and what it may not do. */
export function user(name: string, deny: { readonly publish?: readonly string[] } = {}): string {
  const subjects = (deny.publish ?? []).map((subject) => JSON.stringify(subject)).join(", ");
  return `{ user: ${name}, password: ${name}, permissions { publish { deny: [${subjects}] } } }`;
}
