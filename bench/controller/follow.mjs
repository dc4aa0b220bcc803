// Waits, with a watch, until a condition is true for objects of a kind.
import { linesOf } from '../../packages/controller/src/kube/lines.ts';

/** The wait fails if no event arrives for this long. */
const STILL_MS = 60_000;
/** Number of missing objects that an error names. */
const NAMED = 5;

/**
 * Follows the objects of a kind that change from now on, and records when a condition becomes true. It
 * uses plain requests, because a client library would need more processor time than the controller. A
 * busy API server silently ends the watch of a slow client, so the watch is restarted where it ended.
 */
export async function follow(client, apiVersion, namespace, plural, holds) {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
  const { metadata } = JSON.parse(await client.send('GET', `${path}?limit=1`));
  let version = metadata.resourceVersion;
  const watch = () => client.open(`${path}?watch=true&resourceVersion=${version}`);
  const seen = new Set();
  const news = new EventTarget();
  let answer = await watch();
  let stopped = false;
  const take = (line) => {
    const { type, object } = JSON.parse(line);
    if (type === 'ERROR') throw new Error(`${plural}: ${object.message}`);
    version = object.metadata.resourceVersion;
    if (type === 'DELETED' || !holds(object)) return;
    seen.add(object.metadata.name);
    news.dispatchEvent(new Event('seen'));
  };
  const reading = (async () => {
    for (;;) {
      try {
        for await (const line of linesOf(answer)) take(line);
      } catch (error) {
        if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      }
      if (stopped) return;
      answer = await watch();
    }
  })();
  reading.catch(() => {});
  return {
    /** The time at which the condition was true for all these objects. @throws Error if events stop before. */
    reached: (names) => Promise.race([reading, allOf(names, seen, news, plural)]),
    stop: () => {
      stopped = true;
      answer.destroy();
      return reading.catch(() => {});
    },
  };
}

function allOf(names, seen, news, plural) {
  return new Promise((resolve, reject) => {
    const lost = setTimeout(() => {
      const missing = names.filter((name) => !seen.has(name));
      const some = missing.slice(0, NAMED).join(', ');
      reject(
        new Error(
          `${plural}: nothing for ${STILL_MS / 1000} s, and ${missing.length} of ${names.length} are missing: ${some}${missing.length > NAMED ? ', …' : ''}`,
        ),
      );
    }, STILL_MS);
    const look = () => {
      lost.refresh();
      if (seen.size < names.length) return;
      clearTimeout(lost);
      news.removeEventListener('seen', look);
      resolve(performance.now());
    };
    news.addEventListener('seen', look);
    look();
  });
}
