import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';
import { UiBrowser, UNFOLD, violations } from './browser.ts';

const temporary = temporaryDirectories();
const VIEWS = [
  ...['overview', 'timeline', 'tasks', 'mail', 'costs', 'results', 'events'],
  'transcript/researcher',
];
const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew, namespace: dev }
spec:
  workspace: { output: {} }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { model: haiku, prompt: Coordinate. }
  teammates: [{ name: researcher, model: haiku, prompt: Analyse. }]
  lifecycle: { budgetLimit: "5.00" }
`;

let cwd: string;
let ui: UiBrowser;

beforeEach(async () => {
  cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  ui = await UiBrowser.start(cwd);
});
afterEach(() => ui.close());

test('every view fits a phone and meets WCAG 2.2 AA, light and dark, with everything unfolded', async () => {
  const run = await agentteam(['run', 'team.yaml', '--rehearse', '--no-sandbox'], cwd);
  expect(run).toMatchObject({ exitCode: 0 });
  for (const [width, scheme] of [
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page = await ui.open(width, scheme);
    for (const view of VIEWS) {
      await ui.show(page, 'crew', view);
      await page.evaluate(UNFOLD);
      expect({ width, scheme, view, found: await violations(page) }).toMatchObject({ found: [] });
    }
  }
  expect(ui.incidents).toEqual([]);
});
