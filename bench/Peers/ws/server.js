// The echo on ws: node --expose-gc server.js PORT
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const port = Number(process.argv[2]);
const server = createServer((request, response) => response.end());
new WebSocketServer({ server, path: '/chat', perMessageDeflate: false }).on('connection', socket => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => socket.terminate());
});
process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  console.log('collected');
});
server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => console.log(`listening on ${port}`));
