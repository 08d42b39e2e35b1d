/** Configuration of a server whose clients have so much room for streams together: `"1MB"`. */
export function limitStorage(size: string): string {
  return `
    accounts { APP { jetstream { max_file: ${size} }, users: [{ user: app, password: app }] } }
    no_auth_user: app`;
}
