import { installPeers } from "./install/install-peers.ts";
import { MATCHES } from "./matches/match-list.ts";
import { contenderNamed } from "./contenders/contender-list.ts";
await installPeers(console.error);
const [which, only, n] = process.argv.slice(2);
for (const match of MATCHES) {
  if (which && !match.name.includes(which)) continue;
  for (const name of match.contenders) {
    if (only && only !== "-" && !name.includes(only)) continue;
    const at = performance.now();
    try {
      const figures = await match.measure(contenderNamed(name), { n: Number(n ?? 300), round: 1 });
      console.log(match.name, "|", name, Math.round(performance.now() - at) + "ms", JSON.stringify(figures, (_, v) => typeof v === "number" ? Math.round(v * 100) / 100 : v));
    } catch (error) { console.log(match.name, "|", name, "FAILED", error); }
  }
}
process.exit(0);
