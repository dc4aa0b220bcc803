import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { UiBrowser } from './browser.ts';

/** A team that waits for an approval between its two teammates. */
export const CREW = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew, namespace: dev }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates:
    - { name: researcher, model: haiku, prompt: Analyse. }
    - { name: writer, model: haiku, prompt: Write., dependsOn: [researcher] }
  lifecycle:
    budgetLimit: "5.00"
    approvalGates: [{ event: spawn-writer }]
`;

export interface WatchedTeam {
  /** Directory of the team's file and its run. */
  readonly cwd: string;
  /** The page of `agentteam ui` in that directory. */
  readonly ui: UiBrowser;
  /** Rehearses the team. @returns how it ended. */
  readonly rehearse: (...args: readonly string[]) => ReturnType<typeof agentteam>;
}

/**
 * Before each test, writes a team into a new directory and opens Debian's Chromium with the page for its runs.
 * @param script the script of its rehearsals. Default: the one that the command makes up.
 * @returns what belongs to the current test.
 */
export function watchedTeam(team: string = CREW, script?: string): WatchedTeam {
  const temporary = temporaryDirectories();
  let cwd: string;
  let ui: UiBrowser;
  beforeEach(async () => {
    cwd = await temporary();
    await writeFile(join(cwd, 'team.yaml'), team);
    if (script !== undefined) await writeFile(join(cwd, 'rehearsal.yaml'), script);
    ui = await UiBrowser.start(cwd);
  });
  afterEach(() => ui.close());
  return {
    get cwd() {
      return cwd;
    },
    get ui() {
      return ui;
    },
    rehearse: (...args) =>
      agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox', ...args], cwd),
  };
}
