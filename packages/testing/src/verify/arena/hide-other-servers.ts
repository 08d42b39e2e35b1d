const START = Buffer.from("INFO {");
const FIELD = /"connect_urls":\[[^\]]*\]/;

/**
 * A server tells its clients of the other servers of its cluster, and they would go there past whatever stands
 * between. The same bytes, as many of them, without those addresses.
 */
export function hideOtherServers(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, START.length).equals(START)) return bytes;
  const end = bytes.indexOf("\r\n");
  const line = bytes.subarray(0, end === -1 ? bytes.length : end).toString("latin1");
  const hidden = line.replace(FIELD, (field) => '"connect_urls":[]'.padEnd(field.length));
  return Buffer.concat([Buffer.from(hidden, "latin1"), bytes.subarray(line.length)]);
}
