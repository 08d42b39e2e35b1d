import { connectBroker, leaderOfStream } from "@umbel/broker";
import type { LocalServer } from "@umbel/nats-server";
import { withDeadline } from "@umbel/runtime";
import type { Site } from "../arena/site.ts";
import type { PlannedFault } from "../plan/plan-faults.ts";
import type { Begun, Fault, Scene } from "./fault.ts";

const ASK_MS = 5_000;
const LAME_MS = 60_000;

type OnServer = (server: LocalServer, scene: Scene) => Promise<() => Promise<void>>;

function onServer(begin: OnServer): Fault {
  return async (scene, planned): Promise<Begun | undefined> => {
    const { site } = scene;
    const server = await chooseServer(site, planned);
    if (server === undefined) return undefined;
    const end = await begin(server, scene);
    return {
      detail: server.name,
      end: async () => {
        await end();
        // The next fault of a server finds all of them well.
        await site.cluster?.ready();
      },
    };
  };
}

async function chooseServer(site: Site, planned: PlannedFault): Promise<LocalServer | undefined> {
  const servers = site.cluster?.servers ?? [];
  const leader = planned.leader ? await leaderName(site, planned) : undefined;
  return servers.find(({ name }) => name === leader) ?? servers[planned.target % Math.max(1, servers.length)];
}

async function leaderName({ connection }: Site, { what }: PlannedFault): Promise<string | undefined> {
  const asked = async (): Promise<string | undefined> => {
    await using broker = await connectBroker(connection);
    return leaderOfStream(broker, what === "results" ? "results" : "tasks");
  };
  return withDeadline(
    asked().catch(() => undefined),
    ASK_MS,
  );
}

export const killServer: Fault = onServer(async (server) => {
  await server.kill();
  return () => server.restart();
});

export const restartServer: Fault = onServer(async (server) => {
  await server.restart();
  return async () => undefined;
});

export const lameDuck: Fault = onServer(async (server) => {
  process.kill(server.pid, "SIGUSR2");
  await withDeadline(server.exited, LAME_MS);
  return () => server.restart();
});

export const stopServer: Fault = onServer(async (server) => {
  process.kill(server.pid, "SIGSTOP");
  return async () => void process.kill(server.pid, "SIGCONT");
});

export const isolateServer: Fault = onServer(async (server, { site }) => {
  const place = site.cluster?.servers.indexOf(server) ?? -1;
  site.routes?.isolate(place);
  return async () => site.routes?.rejoin(place);
});
