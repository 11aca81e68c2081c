// The echo on ws: node --expose-gc server.js PORT [shared | dedicated]
// The second argument compresses messages: each by itself, or with reference to earlier ones.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const port = Number(process.argv[2]);
const compression = process.argv[3];
const noContext = compression === 'shared';
const perMessageDeflate = compression
  ? { threshold: 256, serverNoContextTakeover: noContext, clientNoContextTakeover: noContext }
  : false;
const server = createServer((request, response) => response.end());
new WebSocketServer({ server, path: '/chat', perMessageDeflate }).on('connection', socket => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => socket.terminate());
});
process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  console.log('collected');
});
server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => console.log(`listening on ${port}`));
