import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
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
import { FILES, teamFile } from './files.ts';
import { Nodes } from './nodes.ts';
import { PREREQUISITES } from './prerequisites.ts';

/** The default namespace of kubectl, in which Argo runs Workflows. */
const NAMESPACE = 'reports';
const OWN_CRDS = ['agentteams', 'agentteamtemplates', 'agentteamruns'].map(
  (plural) => `${plural}.claude.amcheste.io`,
);

/**
 * The environment of a reader: a shell in a clone of the repository, with `agentteam`, `kubectl` and
 * `helm` on its PATH, files of their own, an API key, and a cluster that an administrator has prepared.
 * A rehearsal plays the model. Blocks continue in the directory in which the block before ended.
 */
export class Stage {
  readonly #cluster: Cluster;
  readonly #directory: string;
  readonly #home: string;
  readonly #programs: string;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #model: Rehearsal | undefined;
  #nodes: Nodes | undefined;
  /** Process group of the running block. */
  #running: number | undefined;
  /** Directory in which the next block starts. */
  #cwd: string;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#directory = join(cluster.directory, 'clone');
    this.#cwd = this.#directory;
    this.#home = join(cluster.directory, 'home');
    this.#programs = join(cluster.directory, 'bin');
  }

  /** Starts without agentteam and without its custom resource definitions in the cluster. */
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
    for (const cleanUp of this.#cleanups.splice(0).reverse()) await cleanUp();
    await this.#cluster.stop();
  }

  /** Installs agentteam as docs/install.md describes. */
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

  /** Runs a block. @throws Error with its position and output if it exits with another code than it says. */
  async run({ document, line, text, exitCode }: Block): Promise<void> {
    const script = `trap 'pwd > "$AGENTTEAM_DOCS_CWD"' EXIT\n${text}`;
    const cwdFile = join(this.#home, '.cwd');
    const shell = execa('/bin/bash', ['--norc', '-eo', 'pipefail', '-c', script], {
      cwd: this.#cwd,
      extendEnv: false,
      env: {
        HOME: this.#home,
        AGENTTEAM_DOCS_CWD: cwdFile,
        PATH: [this.#programs, join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(':'),
        KUBECONFIG: this.#cluster.kubeconfig,
        ANTHROPIC_API_KEY: 'sk-ant-rehearsal',
        ANTHROPIC_BASE_URL: this.#apiUrl,
        // Otherwise npm asks its registry for a newer version of itself.
        npm_config_update_notifier: 'false',
      },
      stdin: 'ignore',
      all: true,
      reject: false,
      // Its own process group, so that `close` can end everything that a hanging block started.
      detached: true,
    });
    this.#running = shell.pid;
    const result = await Promise.race([shell, this.#nodes?.failure ?? shell]);
    this.#running = undefined;
    if (result.exitCode === exitCode) {
      this.#cwd = (await readFile(cwdFile, 'utf8')).trimEnd();
      return;
    }
    throw new Error(
      `${document}:${line} exited with ${result.exitCode ?? result.signal}, expected ${exitCode}\n${text}\n\n${result.all}`,
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
      // npm works in the directory of this file, so it must not be a link.
      if (name === 'package.json') await copyFile(join(ROOT, name), join(this.#directory, name));
      else await symlink(join(ROOT, name), join(this.#directory, name));
    }
    for (const [name, text] of Object.entries(FILES)) {
      await writeFile(join(this.#directory, name), text);
    }
    // The same link that `npm link` creates.
    await symlink(join(ROOT, 'scripts/start.mjs'), join(this.#programs, 'agentteam'));
    for (const name of ['kubectl', 'helm']) {
      await symlink(programPath(name), join(this.#programs, name));
    }
    const { team } = checkObject(parse(teamFile('any')));
    const model = await startRehearsal({ script: defaultScript(team as AgentTeam) });
    this.#cleanups.push(() => model.close());
    this.#model = model;
  }

  async #prepareCluster(): Promise<void> {
    await this.#cluster.kubectl('delete', 'crd', ...OWN_CRDS);
    for (const object of PREREQUISITES) await this.#cluster.apply(object);
    await this.#cluster.kubectl('config', 'set-context', '--current', `--namespace=${NAMESPACE}`);
    const argo = new ArgoStandIn(this.#cluster, NAMESPACE);
    this.#cleanups.push(() => argo.stop());
    const nodes = await Nodes.open(this.#cluster, this.#apiUrl);
    this.#cleanups.push(() => nodes.stop());
    this.#nodes = nodes;
  }
}
