/** What a server's configuration file is made from. */
export interface ServerConfig {
  readonly name: string;
  readonly port: number;
  readonly monitorPort: number | undefined;
  readonly storeDir: string;
  /** Where the server writes its process id. */
  readonly pidFile: string;
  /** A duration of nats-server, or `"always"`. */
  readonly syncInterval: string;
  readonly cluster: ClusterConfig | undefined;
  /** Lines of nats-server's own configuration language, put last. */
  readonly extra: string;
}

/** How a server is part of a cluster. */
interface ClusterConfig {
  readonly name: string;
  readonly port: number;
  /** The ports of the loopback address at which it reaches the other members. */
  readonly otherPorts: readonly number[];
  /** The port at which others are told to reach it, when that is not its own. */
  readonly advertisedPort?: number | undefined;
}

/** The text of a configuration file. Everything binds to the loopback address. */
export function renderConfig(config: ServerConfig): string {
  const lines = [
    `server_name: ${quote(config.name)}`,
    `listen: ${quote(loopback(config.port))}`,
    `pid_file: ${quote(config.pidFile)}`,
    "max_payload: 8MB",
    "max_pending: 256MB",
    "jetstream {",
    `  store_dir: ${quote(config.storeDir)}`,
    `  sync_interval: ${quote(config.syncInterval)}`,
    "}",
    ...(config.monitorPort === undefined ? [] : [`http: ${quote(loopback(config.monitorPort))}`]),
    ...(config.cluster === undefined ? [] : clusterLines(config.cluster)),
    config.extra,
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** `text` as a string of nats-server's configuration language. */
export function quote(text: string): string {
  return `"${Array.from(text, escapeCharacter).join("")}"`;
}

function clusterLines({ name, port, otherPorts, advertisedPort }: ClusterConfig): string[] {
  const routes = otherPorts.map((other) => quote(`nats://${loopback(other)}`));
  return [
    "cluster {",
    `  name: ${quote(name)}`,
    `  listen: ${quote(loopback(port))}`,
    `  routes: [${routes.join(", ")}]`,
    ...(advertisedPort === undefined ? [] : [`  advertise: ${quote(loopback(advertisedPort))}`]),
    "}",
  ];
}

function loopback(port: number): string {
  return `127.0.0.1:${port}`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character >= " ") return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
