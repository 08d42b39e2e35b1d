// Redrives all dead letters of a mesh, and says so after each: made to be killed in the middle of it.
import { connect } from "@umbel/client";
import { silentLogger } from "@umbel/runtime";

const [servers = "", mesh = ""] = process.argv.slice(2);
await using client = await connect({ servers, mesh, logger: silentLogger });
await client.deadLetters.redrive({ all: true }, { onProgress: () => process.stdout.write(".") });
process.stdout.write("done\n");
