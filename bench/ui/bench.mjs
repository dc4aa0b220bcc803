// Measures the page of `agentteam ui` in Chromium, with 64 agents and a transcript of 10,000 lines: how soon it
// paints and answers, how smoothly it scrolls, what an hour of events leaves in memory and sends, and its size.
// The peer is a plain HTML page with the same transcript, without a script, from a server in the same process.
// Run with `npm run bench:ui`. AGENTS, LINES and SECONDS change the sizes, ROUNDS the number of loads.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readTranscript } from '@agentteam/detail';
import { serveUi } from '@agentteam/ui';
import { BusyTeam, writeTranscript } from './team.mjs';

const option = (name, value) => Number(process.env[name] ?? value);
const AGENTS = option('AGENTS', 64);
const LINES = option('LINES', 10_000);
const SECONDS = option('SECONDS', 3600);
const ROUNDS = option('ROUNDS', 5);
const AIM = {
  firstPaint: 1,
  interactive: 1,
  // The plain page runs no script.
  frame: 1.5,
  heap: 1.3,
  sent: 0.05,
  kibibytes: 250,
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const { chromium } = createRequire(join(root, 'packages/cli/'))('playwright-core');
const assets = join(root, 'dist/ui');
const volume = mkdtempSync(join(tmpdir(), 'bench-ui-'));
const team = new BusyTeam(AGENTS);
const members = team.detail().agents.map(({ name }) => ({ name }));
writeTranscript(volume, 'agent-1', LINES);

/** Bytes of the whole state in each second: what it would cost to send it again. */
let stateBytes = 0;
let isReplaying = false;
let atEnd = () => {};
const source = {
  list: async () => ({ place: 'bench', teams: [], notices: [] }),
  detail: async () => {
    const isTick = isReplaying && team.second < SECONDS;
    if (isTick) team.tick();
    const detail = team.detail();
    if (isTick && team.second % 60 === 0) stateBytes += 60 * JSON.stringify(detail).length;
    if (isReplaying && team.second === SECONDS) setImmediate(atEnd);
    return detail;
  },
  transcript: (_, agent, options) => readTranscript({ volume, members }, agent, options),
  decide: async () => undefined,
};
const ui = await serveUi({ source, assets, port: 0, intervalMs: 1 });
const plain = await servePlain();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--js-flags=--expose-gc'],
});
let missed = false;

const view = (path) => `${new URL(ui.url).origin}/#/team/busy/${path}`;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)];

function row(what, value, aim, unit = '') {
  const holds = value <= aim;
  missed ||= !holds;
  console.log(`${holds ? '✓' : '✗'} ${what}: ${value.toFixed(2)}${unit} (limit ${aim}${unit})`);
}

/** Opens a page. @returns milliseconds to the first paint, and until it shows the end and has no long task. */
async function load(url, marker) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  await page.goto(ui.url);
  await page.goto('about:blank');
  const begin = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await marker(page).waitFor({ state: 'attached' });
  const shown = performance.now() - begin;
  const last = await page.evaluate(LONG_TASKS);
  const paint = await page.evaluate(
    `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
  );
  return { context, page, paint, interactive: Math.max(shown, last) };
}

/** The end of the last long task, once the main thread has been free for half a second. */
const LONG_TASKS = `new Promise((resolve) => {
  let last = 0;
  let timer = setTimeout(() => resolve(last), 500);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) last = startTime + duration;
    clearTimeout(timer);
    timer = setTimeout(() => resolve(last), 500);
  }).observe({ type: 'longtask', buffered: true });
})`;

/** Scrolls through the whole page in 120 frames. @returns milliseconds of each frame. */
const SCROLL = `new Promise((resolve) => {
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    if (frames.length > 120) return resolve(frames.slice(1));
    scrollTo(0, (document.documentElement.scrollHeight * frames.length) / 120);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

async function measure(url, marker) {
  const { context, page, paint, interactive } = await load(url, marker);
  const frames = await page.evaluate(SCROLL);
  await context.close();
  return { paint, interactive, frame: quantile(frames, 0.95) };
}

/** Mebibytes of JavaScript's heap after a collection. */
async function heapOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1024 / 1024;
}

const entries = (page) => page.getByText(/^[\d,]+ entries, following/);
const rows = (page) => page.locator('.row').nth(AGENTS - 1);
// In turns, because other work on the machine slows down both.
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const own = await measure(view('transcript/agent-1'), entries);
  const peer = await measure(plain.url, (page) => page.locator('#end'));
  rounds.push({ own, peer });
}
const of = (who, name) => median(rounds.map((round) => round[who][name]));
const ratio = (name) => median(rounds.map(({ own, peer }) => own[name] / peer[name]));
const words = (who) =>
  `first paint ${of(who, 'paint').toFixed(0)} ms, interactive ${of(who, 'interactive').toFixed(0)} ms, 95 % of frames within ${of(who, 'frame').toFixed(0)} ms`;
console.log(`${AGENTS} agents, ${LINES} lines, ${SECONDS} s of events; median of ${ROUNDS} loads`);
console.log(`  the page:           ${words('own')}`);
console.log(`  the plain page:     ${words('peer')}`);
row('first paint, of the plain page', ratio('paint'), AIM.firstPaint);
row(
  'interactive with the whole transcript, of the plain page',
  ratio('interactive'),
  AIM.interactive,
);
row('frames while scrolling, of the plain page', ratio('frame'), AIM.frame);

const { page } = await load(view('timeline'), rows);
let sentBytes = 0;
const session = await page.context().newCDPSession(page);
await session.send('Network.enable');
session.on('Network.dataReceived', ({ dataLength }) => {
  sentBytes += dataLength;
});
isReplaying = true;
await new Promise((resolve) => {
  atEnd = resolve;
});
await page.evaluate(LONG_TASKS);
const after = await heapOf(page);
isReplaying = false;
const fresh = await load(view('timeline'), rows);
const anew = await heapOf(fresh.page);
console.log(
  `  heap after the events ${after.toFixed(1)} MiB, of the page loaded anew ${anew.toFixed(1)} MiB`,
);
row('heap after the events, of the page loaded anew', after / anew, AIM.heap);
console.log(
  `  the whole state has ${(stateBytes / SECONDS / 1024).toFixed(0)} KiB, a change ${(sentBytes / SECONDS / 1024).toFixed(1)} KiB`,
);
row(
  'sent during the events, of sending the whole state each second',
  sentBytes / stateBytes,
  AIM.sent,
);
const files = ['index.html', 'page.js', 'page.css'].map((name) => readFileSync(join(assets, name)));
const kibibytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0) / 1024;
row('size of the page, compressed', kibibytes, AIM.kibibytes, ' KiB');

await browser.close();
await ui.close();
plain.close();
rmSync(volume, { recursive: true });
process.exitCode = missed ? 1 : 0;

/** Serves the transcript as a plain page: each entry is a paragraph. */
async function servePlain() {
  const paragraphs = [];
  for (let from = '', more = true; more; ) {
    const part = await readTranscript({ volume, members }, 'agent-1', { from, limit: 2000 });
    for (const { at, tool = '', text } of part.entries) {
      const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      paragraphs.push(`<p>${at} <b>${tool}</b><pre>${escaped}</pre>`);
    }
    ({ next: from, more } = part);
  }
  const html = `<!doctype html><meta charset="utf-8"><title>plain</title>${paragraphs.join('\n')}<p id="end">`;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
