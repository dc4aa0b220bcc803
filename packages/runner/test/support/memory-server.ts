import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The official MCP server "memory" over stdio, as an entry of `.mcp.json`. It keeps its graph in `file`. */
export function memoryServer(file: string) {
  const manifest = require.resolve('@modelcontextprotocol/server-memory/package.json');
  return {
    command: process.execPath,
    args: [join(dirname(manifest), 'dist/index.js')],
    env: { MEMORY_FILE_PATH: file },
  };
}
