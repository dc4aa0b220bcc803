import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { afterEach, beforeEach } from '@jest/globals';
import { createRun, type ExecuteOptions, execute } from '../../src/index.ts';
import { shellOptions } from './shell-options.ts';

export interface TestEngine {
  /** The directory of the test's run. */
  root(): string;
  /** The directory of the volume that all steps share. */
  volume(): string;
  /** Creates the run of a Workflow and executes it. */
  run(workflow: Workflow, overrides?: Partial<ExecuteOptions>): Promise<Workflow>;
}

/** Gives each test of a file a new directory, which is removed after the test. */
export function testEngine(): TestEngine {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'agentteam local '));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const root = () => join(directory, 'run');
  return {
    root,
    volume: () => join(root(), 'volumes/team'),
    run: async (workflow, overrides = {}) => {
      createRun(root(), workflow);
      return execute(root(), shellOptions(overrides));
    },
  };
}

/** The phases of all nodes by display name. */
export function phases({ status }: Workflow): Record<string, string> {
  const nodes = Object.values(status?.nodes ?? {});
  return Object.fromEntries(nodes.map((node) => [node.displayName ?? '', node.phase ?? '']));
}

/** @param name the node's display name. */
export function nodeOf({ status }: Workflow, name: string): NodeStatus | undefined {
  return Object.values(status?.nodes ?? {}).find(({ displayName }) => displayName === name);
}
