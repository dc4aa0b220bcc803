import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { checkObject } from '@agentteam/compiler';
import { defaultScript, type Rehearsal, startRehearsal } from '@agentteam/rehearsal';
import { execa } from 'execa';
import { parse } from 'yaml';
import { type Block, ROOT } from '../../packages/cli/test/documents/blocks.ts';
import { ArgoStandIn } from '../argo/stand-in.ts';
import { Cluster } from '../controller/cluster.ts';
import { programPath } from '../testcluster/control-plane.ts';
import { ADMINISTERED } from './administered.ts';
import { FILES, teamFile } from './files.ts';
import { Nodes } from './nodes.ts';

/** Where kubectl works unless told otherwise, and Argo runs what it finds. */
const NAMESPACE = 'reports';
const OWN_KINDS = ['agentteams', 'agentteamtemplates', 'agentteamruns'].map(
  (plural) => `${plural}.claude.amcheste.io`,
);

/**
 * What a reader of a document has in front of them: a shell in a clone of the repository, with
 * `agentteam`, `kubectl` and `helm` on its PATH, files of their own, an API key, and a cluster that an
 * administrator has prepared. The model is a rehearsal.
 */
export class Stage {
  readonly #cluster: Cluster;
  readonly #directory: string;
  readonly #home: string;
  readonly #programs: string;
  readonly #undo: (() => Promise<unknown>)[] = [];
  #model: Rehearsal | undefined;
  #nodes: Nodes | undefined;
  /** Process group of the block that runs. */
  #running: number | undefined;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#directory = join(cluster.directory, 'clone');
    this.#home = join(cluster.directory, 'home');
    this.#programs = join(cluster.directory, 'bin');
  }

  /** This product is not in the cluster yet, nor are its kinds. */
  static async open(): Promise<Stage> {
    const stage = new Stage(await Cluster.start([], Nodes.flags));
    try {
      await stage.#prepareMachine();
      await stage.#prepareCluster();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#running !== undefined) process.kill(-this.#running);
    for (const undo of this.#undo.splice(0).reverse()) await undo();
    await this.#cluster.stop();
  }

  /** Installs the product, as docs/install.md has it. */
  install(): Promise<void> {
    return this.run({
      document: 'e2e/docs/stage.ts',
      line: 0,
      text: `
        helm install agentteam charts/agentteam -n agentteam-system --create-namespace --wait
        kubectl create secret generic anthropic-api-key --from-literal=ANTHROPIC_API_KEY=sk-ant-rehearsal`,
      exitCode: 0,
    });
  }

  /** Runs a block. @throws Error with its place and output when it ends otherwise than it says. */
  async run({ document, line, text, exitCode }: Block): Promise<void> {
    const shell = execa('/bin/bash', ['--norc', '-eo', 'pipefail', '-c', text], {
      cwd: this.#directory,
      extendEnv: false,
      env: {
        HOME: this.#home,
        PATH: [this.#programs, join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(':'),
        KUBECONFIG: this.#cluster.kubeconfig,
        ANTHROPIC_API_KEY: 'sk-ant-rehearsal',
        ANTHROPIC_BASE_URL: this.#apiUrl,
        // It would ask the registry.
        npm_config_update_notifier: 'false',
      },
      stdin: 'ignore',
      all: true,
      reject: false,
      // A group of its own: where it hangs, all that it started is ended.
      detached: true,
    });
    this.#running = shell.pid;
    const result = await Promise.race([shell, this.#nodes?.failure ?? shell]);
    this.#running = undefined;
    if (result.exitCode === exitCode) return;
    throw new Error(
      `${document}:${line} ended with ${result.exitCode ?? result.signal}, not ${exitCode}\n${text}\n\n${result.all}`,
    );
  }

  /** Base URL of the model; `{agent}` becomes the agent's name. */
  get #apiUrl(): string {
    return `${this.#model?.url}/{agent}`;
  }

  async #prepareMachine(): Promise<void> {
    for (const directory of [this.#directory, this.#home, this.#programs]) await mkdir(directory);
    for (const name of await readdir(ROOT)) {
      if (name === '.git' || name === '.agentteam') continue;
      // npm works where this file lies.
      if (name === 'package.json') await copyFile(join(ROOT, name), join(this.#directory, name));
      else await symlink(join(ROOT, name), join(this.#directory, name));
    }
    for (const [name, text] of Object.entries(FILES)) {
      await writeFile(join(this.#directory, name), text);
    }
    // As `npm link` does.
    await symlink(join(ROOT, 'scripts/start.mjs'), join(this.#programs, 'agentteam'));
    for (const name of ['kubectl', 'helm']) {
      await symlink(programPath(name), join(this.#programs, name));
    }
    const { team } = checkObject(parse(teamFile('any')));
    const model = await startRehearsal({ script: defaultScript(team as AgentTeam) });
    this.#undo.push(() => model.close());
    this.#model = model;
  }

  async #prepareCluster(): Promise<void> {
    await this.#cluster.kubectl('delete', 'crd', ...OWN_KINDS);
    for (const object of ADMINISTERED) await this.#cluster.apply(object);
    await this.#cluster.kubectl('config', 'set-context', '--current', `--namespace=${NAMESPACE}`);
    const argo = new ArgoStandIn(this.#cluster, NAMESPACE);
    this.#undo.push(() => argo.stop());
    const nodes = await Nodes.open(this.#cluster, this.#apiUrl);
    this.#undo.push(() => nodes.stop());
    this.#nodes = nodes;
  }
}
