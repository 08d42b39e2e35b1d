import { DRAIN_GRACE_MS } from "../arena/cast.ts";
import type { Post } from "../arena/post.ts";
import type { Begun, Fault } from "./fault.ts";

/** A post that no other fault is on, the one at `target` first. */
export function freePost(posts: readonly Post[], target: number): Post | undefined {
  const from = target % posts.length;
  return [...posts.slice(from), ...posts.slice(0, from)].find(({ busy }) => !busy);
}

async function onPost(
  post: Post | undefined,
  begin: (post: Post) => Promise<() => Promise<void>>,
): Promise<Begun | undefined> {
  if (post === undefined) return undefined;
  post.busy = true;
  try {
    const end = await begin(post);
    return {
      detail: post.name,
      end: async () => {
        await end();
        post.busy = false;
      },
    };
  } catch (error) {
    post.busy = false;
    throw error;
  }
}

export const killWorker: Fault = ({ cast }, { target }) =>
  onPost(freePost(cast.workers, target), async (post) => {
    await post.kill();
    return async () => void (await post.fill(cast.startWorker()));
  });

export const stopWorker: Fault = ({ cast }, { target }) =>
  onPost(freePost(cast.workers, target), async (post) => {
    post.process?.kill("SIGSTOP");
    return async () => post.process?.kill("SIGCONT");
  });

export const drainWorker: Fault = ({ cast }, { target }) =>
  onPost(freePost(cast.workers, target), async (post) => {
    await post.drain(DRAIN_GRACE_MS);
    return async () => void (await post.fill(cast.startWorker()));
  });

export const skewWorker: Fault = ({ cast }, { target, amountMs }) =>
  onPost(freePost(cast.workers, target), async (post) => {
    await post.drain(DRAIN_GRACE_MS);
    await post.fill(cast.startWorker(amountMs));
    return async () => undefined;
  });

export const killProducer: Fault = ({ cast }, { target }) => {
  const post = freePost(cast.producers, target);
  return onPost(post, async () => {
    await post?.kill();
    const index = cast.producers.findIndex((each) => each === post);
    return async () => void (await post?.fill(cast.startProducer(index)));
  });
};
