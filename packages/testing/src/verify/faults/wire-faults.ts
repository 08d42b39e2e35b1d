import type { Post } from "../arena/post.ts";
import type { Wires } from "../arena/wires.ts";
import type { PlannedFault } from "../plan/plan-faults.ts";
import type { Begun, Fault, Scene } from "./fault.ts";

/** A fault of the wires of one process. */
function onWires(
  begin: (wires: Wires, planned: PlannedFault) => void,
  end: (wires: Wires, planned: PlannedFault) => void,
): Fault {
  return async (scene, planned): Promise<Begun | undefined> => {
    const post = wiredPost(scene, planned.target);
    const wires = post?.wires;
    if (post === undefined || wires === undefined) return undefined;
    post.wiresBusy = true;
    begin(wires, planned);
    return {
      detail: post.name,
      end: async () => {
        end(wires, planned);
        post.wiresBusy = false;
      },
    };
  };
}

function wiredPost({ cast }: Scene, target: number): Post | undefined {
  const posts = [...cast.workers, ...cast.producers];
  const from = target % posts.length;
  return [...posts.slice(from), ...posts.slice(0, from)].find(({ wiresBusy }) => !wiresBusy);
}

export const cutWires: Fault = onWires(
  (wires) => wires.cut(),
  () => undefined,
);

/** What was held arrives at the end of half of them; the connections of the others break. */
export const holdWires: Fault = onWires(
  (wires) => wires.hold(),
  (wires, { amountMs }) => {
    if (amountMs % 2 === 0) wires.cut();
    wires.heal();
  },
);

export const deafenWires: Fault = onWires(
  (wires) => wires.deafen(),
  (wires) => wires.heal(),
);

export const delayWires: Fault = onWires(
  (wires, { amountMs }) => wires.delay(amountMs),
  (wires) => wires.heal(),
);
