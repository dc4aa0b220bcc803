// The git work of a team, with the functions that its containers run.
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ENV, LEAD, PATHS, VOLUME, worktreeOf } from '@agentteam/contract';
import { keepResult } from '../../packages/runner/src/finish/result-repository.ts';
import { handOver } from '../../packages/runner/src/git/handover/hand-over.ts';
import { consolidate } from '../../packages/runner/src/git/merge/consolidate.ts';
import { inOwn } from '../../packages/runner/src/git/options.ts';
import { discardOwnRepository } from '../../packages/runner/src/git/own-repository.ts';
import { openRepository } from '../../packages/runner/src/git/repository.ts';
import { scopeViolations } from '../../packages/runner/src/git/scope/own-changes.ts';
import { commitLeftovers } from '../../packages/runner/src/git/worktree/commit-leftovers.ts';
import { setupCommand } from '../../packages/runner/src/setup/command.ts';

const never = new AbortController().signal;

export class Team {
  stores;
  #volume;
  #root;
  #agents;
  #spec;
  #repository;

  constructor(directory, agents) {
    this.#volume = join(directory, 'volume');
    this.#root = join(directory, 'root');
    this.#agents = agents;
    this.stores = [
      ...['base.git', 'own', 'result.git'].map((name) => join(this.#volume, 'repository', name)),
      join(this.#volume, 'state'),
    ];
  }

  tree(agent) {
    return join(this.#volume, 'repository/trees', agent);
  }

  async setUp(source) {
    const mounts = { volume: '', repository: VOLUME.repository, state: VOLUME.state };
    for (const [name, place] of Object.entries(mounts)) {
      const at = `${this.#root}${PATHS[name]}`;
      await mkdir(join(this.#volume, place), { recursive: true });
      await mkdir(dirname(at), { recursive: true });
      await symlink(join(this.#volume, place), at);
    }
    const member = (name) => ({
      name,
      role: name === LEAD ? 'lead' : 'teammate',
      model: 'haiku',
      prompt: `Work of ${name}`,
      dependsOn: [],
      cwd: worktreeOf(name, 'per-teammate'),
    });
    this.#spec = {
      team: 'bench',
      namespace: 'bench',
      members: [LEAD, ...this.#agents].map(member),
      repository: {
        url: source,
        branch: 'main',
        worktreeStrategy: 'per-teammate',
        resultBranch: 'teams/bench',
        setupCommand: [],
      },
    };
    const env = {
      [ENV.root]: this.#root,
      [ENV.engine]: 'local',
      [ENV.spec]: JSON.stringify(this.#spec),
    };
    if ((await setupCommand(env, [], never)) !== 0) throw new Error('setup failed');
    this.#repository = await openRepository(this.#root, this.#spec);
  }

  async commit(agent) {
    const repository = this.#repository;
    const { commit } = await commitLeftovers(repository, agent, `Work of ${agent}`, never);
    const options = inOwn(repository, agent, never);
    await scopeViolations(repository, agent, commit, new Map(), options);
    await this.#handOver(agent, { commit, merged: false });
    await discardOwnRepository(repository, agent);
  }

  async consolidate() {
    const session = join(this.#volume, 'sessions', LEAD);
    const outcome = await consolidate(this.#repository, session, never);
    if (outcome.status !== 'merged') throw new Error(outcome.status);
    await this.#handOver(LEAD, { commit: outcome.commit, merged: true });
  }

  async keepResult() {
    const notes = await keepResult(this.#repository, never);
    if (notes.length > 0) throw new Error(notes.join('\n'));
  }

  #handOver(agent, work) {
    const target = join(this.#repository.state, agent);
    return handOver(this.#repository, agent, target, work, never);
  }
}
