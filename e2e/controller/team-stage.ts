import type { AgentTeam } from '@agentteam/api';
import { checkObject } from '@agentteam/compiler';
import {
  completeScript,
  defaultScript,
  parseScript,
  type Rehearsal,
  type Script,
  startRehearsal,
} from '@agentteam/rehearsal';
import { ArgoStandIn } from '../argo/stand-in.ts';
import type { Cluster, Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';

let opened = 0;

/** A namespace with everything that a team needs to run: a controller, the stand-in for Argo, and a model. */
export class TeamStage {
  readonly namespace: string;
  readonly argo: ArgoStandIn;
  readonly rehearsal: Rehearsal;
  readonly #cluster: Cluster;
  readonly #controllers: ControllerProcess[] = [];

  private constructor(cluster: Cluster, namespace: string, rehearsal: Rehearsal) {
    this.#cluster = cluster;
    this.namespace = namespace;
    this.rehearsal = rehearsal;
    this.argo = new ArgoStandIn(cluster, namespace);
  }

  /** @param script the rehearsal of the team as YAML, or undefined for the default script. */
  static async open(cluster: Cluster, team: Stored, script?: string): Promise<TeamStage> {
    opened += 1;
    const namespace = `stage-${opened}`;
    await cluster.namespace(namespace);
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: team.spec.auth.apiKeySecret, namespace },
      ...{ stringData: { ANTHROPIC_API_KEY: 'sk-ant-rehearsal' } },
    });
    const rehearsal = await startRehearsal({ script: scriptFor(team, script) });
    return new TeamStage(cluster, namespace, rehearsal);
  }

  async startController(): Promise<ControllerProcess> {
    const controller = await ControllerProcess.start(this.#cluster.kubeconfig, {
      AGENTTEAM_NAMESPACES: this.namespace,
      AGENTTEAM_API_URL: `${this.rehearsal.url}/{agent}`,
      POD_NAMESPACE: this.namespace,
    });
    this.#controllers.push(controller);
    return controller;
  }

  async close(): Promise<void> {
    for (const controller of this.#controllers) await controller.stop();
    await this.argo.stop();
    await this.rehearsal.close();
  }
}

function scriptFor(team: Stored, script: string | undefined): Script {
  const { team: checked } = checkObject({ ...team, metadata: { name: 'x' } });
  if (script === undefined) return defaultScript(checked as AgentTeam);
  const { script: parsed, problems } = parseScript(script, 'rehearsal.yaml');
  if (parsed === undefined) throw new Error(JSON.stringify(problems));
  return completeScript(parsed, checked as AgentTeam);
}
