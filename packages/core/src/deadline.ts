import type { Environment } from "./environment.js";
import { aborted, OrielError } from "./error.js";

/**
 * Runs `run` until it ends, the caller aborts, or `limit` milliseconds pass
 * without a sign of life. Also ends when `run` doesn't heed its signal.
 */
export async function withDeadline<T>(
  env: Environment,
  limit: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  if (outer?.aborted) throw aborted(outer);
  const controller = new AbortController();
  let timer: unknown;
  let stop: (reason: Error) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = (reason) => {
      reject(reason);
      controller.abort(reason);
    };
  });
  const leave = () => {
    if (outer) stop(aborted(outer));
  };
  const alive = () => {
    env.clearTimeout(timer);
    timer = env.setTimeout(() => {
      stop(
        new OrielError({
          code: "TIMEOUT",
          message: `No answer within ${String(Math.round(limit / 1000))} seconds.`,
          retryable: true,
        }),
      );
    }, limit);
  };
  outer?.addEventListener("abort", leave);
  alive();
  try {
    return await Promise.race([run(controller.signal, alive), stopped]);
  } finally {
    env.clearTimeout(timer);
    outer?.removeEventListener("abort", leave);
  }
}
