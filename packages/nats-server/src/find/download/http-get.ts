import { Agent as HttpAgent, type IncomingMessage, get as getByHttp } from "node:http";
import { Agent as HttpsAgent, get as getByHttps } from "node:https";

/** How a URL is asked for. */
export interface HttpRequest {
  readonly signal: AbortSignal;
  /** An HTTP proxy for `http:` URLs. @default that of `HTTP_PROXY` and its relatives, where Node knows them */
  readonly proxy?: string | undefined;
}

/** The server was reached and said no. */
class HttpStatusError extends Error {
  override readonly name: string = "HttpStatusError";
}

/** The server was not reached, or it stopped sending. */
export class UnreachableError extends Error {
  override readonly name: string = "UnreachableError";
}

const MAX_REDIRECTS = 5;

/**
 * The answer to a GET, redirects followed, its body not yet read. Not `fetch`: that unpacks a body which a
 * mirror labels `Content-Encoding: gzip`, and then no checksum of a `.gz` file fits.
 *
 * @throws an error with the status for any status but 200, {@link UnreachableError} when there is no answer.
 */
export async function httpGet(url: URL, request: HttpRequest): Promise<IncomingMessage> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await getOnce(target, request);
    if (response.statusCode === 200) return response;
    response.destroy();
    target = redirectTarget(target, response);
  }
  throw new HttpStatusError(`${url.href} was redirected more than ${MAX_REDIRECTS} times`);
}

async function getOnce(url: URL, { signal, proxy }: HttpRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const proxyEnv = proxy === undefined ? process.env : { http_proxy: proxy };
  const headers = { "user-agent": "umbel", accept: "*/*" };
  const request =
    url.protocol === "https:"
      ? getByHttps(url, { signal, headers, agent: new HttpsAgent({ proxyEnv }) }, resolve)
      : getByHttp(url, { signal, headers, agent: new HttpAgent({ proxyEnv }) }, resolve);
  request.on("error", (cause) => reject(new UnreachableError(`${url.host} cannot be reached`, { cause })));
  return promise;
}

function redirectTarget(from: URL, { statusCode = 0, headers }: IncomingMessage): URL {
  if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
    throw new HttpStatusError(`${from.href} answered with status ${statusCode}`);
  }
  const to = new URL(headers.location, from);
  if (from.protocol === "https:" && to.protocol !== "https:") {
    throw new HttpStatusError(`${from.href} redirects to ${to.href}, which is not encrypted`);
  }
  return to;
}
