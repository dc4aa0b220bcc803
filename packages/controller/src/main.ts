import { KubeConfig } from '@kubernetes/client-node';
import { readConfig, readReleaseConfig } from './config.ts';
import { runController } from './controller.ts';
import { KubeApi } from './kube/api.ts';
import { Connection } from './kube/connection.ts';
import { makeLog } from './log.ts';
import { releaseTeams } from './release-teams.ts';
import { ConfigError } from './settings/config-error.ts';
import { variablesHelp } from './settings/help.ts';

const HELP = `Usage: agentteam-controller [release-teams]

Compile each AgentTeam in a cluster to an Argo Workflow, report its status, and answer its approval
gates. The controller finds the cluster as kubectl does: in-cluster, or through KUBECONFIG.

Commands:
  release-teams  remove the controller's finalizer from every team, and exit. Run it after the
                 controller is gone. It reads AGENTTEAM_NAMESPACES and AGENTTEAM_LOG_LEVEL only.

Environment:
${variablesHelp()}

Exit codes:
  0  stopped by a signal, or all teams released
  1  lost the lease, or failed
  2  invalid configuration
`;

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const kubeConfig = new KubeConfig();
  if (argv[0] === 'release-teams') {
    const { namespaces, logLevel } = readReleaseConfig(env);
    loadCluster(kubeConfig);
    const teams = await releaseTeams(new KubeApi(new Connection(kubeConfig)), namespaces);
    makeLog(logLevel, 'release-teams').info({ teams }, 'teams released');
    return 0;
  }
  const config = readConfig(env);
  const log = makeLog(config.logLevel, config.identity);
  loadCluster(kubeConfig);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  try {
    await runController(config, kubeConfig, log, stop.signal);
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'exiting');
    // Exit without waiting for work in progress: another replica may hold the lease by now.
    process.exit(1);
  }
}

function loadCluster(config: KubeConfig): void {
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new ConfigError(
      `cannot load the kubeconfig: ${error instanceof Error ? error.message : error}`,
    );
  }
}

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
