// Bundles the programs: dist/agentteam.mjs (CLI), dist/runner.mjs (in all containers), dist/controller.mjs,
// and the page of `agentteam ui` in dist/ui.
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { billOfMaterials } from './bill-of-materials.mjs';
import { ROOT } from './ensure.mjs';

const programs = { agentteam: 'cli', runner: 'runner', controller: 'controller' };
const outdir = join(ROOT, 'dist');
rmSync(outdir, { recursive: true, force: true });
const metafiles = [];
for (const [name, pkg] of Object.entries(programs)) {
  const entry = join(ROOT, 'packages', pkg, 'src/main.ts');
  if (!existsSync(entry)) continue;
  const { metafile } = await build({
    entryPoints: { [name]: entry },
    outdir,
    chunkNames: `chunks/${name}-[hash]`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    metafile: true,
    absWorkingDir: ROOT,
    // Commands are imported on demand. A single bundle would parse all of them at every start.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['source'],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'external',
    // CommonJS dependencies call require(), which does not exist in an ES module.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  metafiles.push(metafile);
}
// `agentteam run --containers` makes the runtime with it.
await build({
  entryPoints: [join(ROOT, 'scripts/make-runtime.mjs')],
  outfile: join(outdir, 'make-runtime.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  logLevel: 'warning',
});
const page = join(ROOT, 'packages/ui/src/page');
const { metafile: pageMetafile } = await build({
  entryPoints: ['main.tsx', 'page.css'].map((name) => ({ in: join(page, name), out: 'page' })),
  outdir: join(outdir, 'ui'),
  bundle: true,
  metafile: true,
  absWorkingDir: ROOT,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['source'],
  minify: true,
  legalComments: 'external',
  logLevel: 'warning',
});
metafiles.push(pageMetafile);
copyFileSync(join(page, 'index.html'), join(outdir, 'ui/index.html'));
writeFileSync(
  join(outdir, 'bill-of-materials.spdx.json'),
  `${JSON.stringify(billOfMaterials(metafiles), null, 2)}\n`,
);
