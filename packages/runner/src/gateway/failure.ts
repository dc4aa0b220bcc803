import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { ENV, EXIT, type ExitCode, PATHS } from '@agentteam/contract';
import { PricesError } from '@agentteam/ledger';
import { ProxySettingError } from '@agentteam/notify/proxies';
import { writeGatewayFailure } from '@agentteam/volume';
import { mounted } from '../step/mounted.ts';
import { printError } from '../step/print.ts';
import { ConfigError, statusAddress } from './config.ts';
import { ReachError } from './outbound/reach.ts';
import { ProviderRefusedError } from './provider/provider.ts';
import { ServiceSecretError } from './services/credential.ts';
import { makeStatusPort } from './status/status-port.ts';

/** Errors that need a change of a setting: another attempt would fail again. */
const SETTINGS = [ConfigError, PricesError, ProxySettingError, ReachError];

/**
 * Reports why the gateway could not start to the agent's runner, which then ends the step with that
 * reason. The gateway keeps running until the container stops: otherwise it would be restarted again
 * and again, and its pod would wait without a message until the team's deadline.
 * @param stopped resolves when the container must stop.
 */
export async function reportFailure(
  env: NodeJS.ProcessEnv,
  error: Error,
  stopped: () => Promise<void>,
): Promise<ExitCode> {
  const isSetting = SETTINGS.some((kind) => error instanceof kind);
  const isRefused = error instanceof ProviderRefusedError;
  const exitCode = isRefused ? error.exitCode : isSetting ? EXIT.invalid : EXIT.failed;
  const isExplained = isSetting || isRefused || error instanceof ServiceSecretError;
  printError(`agentteam-runner gateway: ${isExplained ? error.message : error.stack}`);
  const message = isRefused ? error.message : `the gateway cannot start: ${error.message}`;
  const directory = await mounted(env[ENV.root] ?? '', PATHS.gateway);
  const server = makeStatusPort((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 503).end();
  });
  const { port, host } = statusAddress(env);
  server.listen(port, host);
  await once(server, 'listening');
  const statusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await mkdir(directory, { recursive: true });
  await writeGatewayFailure(directory, { message, exitCode, statusUrl });
  await stopped();
  server.closeAllConnections();
  server.close();
  return EXIT.ok;
}
