import type { AddressInfo } from 'node:net';
import { readAssets } from '../assets.ts';
import { messageOf } from '../messages.ts';
import { reply } from '../reply.ts';
import { ConsoleAnswers } from './answer-console.ts';
import { listen, renew, stop } from './listen.ts';
import type { ConsoleOptions } from './options.ts';
import { readSecureFiles, watchSecureFiles } from './secure-files.ts';

export interface ConsoleServer {
  readonly port: number;
  /** Is no longer ready, ends all streams, finishes other requests, and stops. */
  close(): Promise<void>;
}

/**
 * Serves the page to people in a cluster, on all interfaces. The files of the page are for everyone. Everything
 * about teams needs a session or an authenticating proxy, and is read and done with the rights of the caller.
 * @throws Error when a file cannot be read or the port is in use.
 */
export async function serveConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { log } = options;
  const files = await readSecureFiles(options);
  const answers = new ConsoleAnswers(options, await readAssets(options.assets), files);
  const server = await listen(options, files, (request, response) => {
    answers.answer(request, response).catch((error: unknown) => {
      log({ event: 'failed', path: request.url?.split('?')[0], reason: messageOf(error) });
      if (response.headersSent) response.end();
      else reply(response, 503, { error: 'The API server does not answer.' });
    });
  });
  let changes = 0;
  const unwatch = watchSecureFiles(options, () => {
    changes += 1;
    const change = changes;
    readSecureFiles(options).then(
      (fresh) => {
        // A reading that began before the latest change may end after it, with the old secret.
        if (change !== changes) return;
        answers.files = fresh;
        renew(server, fresh);
      },
      (error: Error) => log({ event: 'a Secret cannot be read', reason: error.message }),
    );
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      unwatch();
      answers.close();
      await stop(server);
    },
  };
}
