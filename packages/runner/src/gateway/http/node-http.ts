/**
 * `node:http`, loaded without an `import`. An import evaluates every export, including the lazy
 * `WebSocket`, which loads a whole HTTP client: 14 MB of memory in each agent's pod.
 */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http');
