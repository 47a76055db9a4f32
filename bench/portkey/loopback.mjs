// The gateway listens on every address and takes no option for one; a benchmark has no business outside this machine.
import net from 'node:net';

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, '127.0.0.1', ...rest.filter((item) => typeof item === 'function')) : listen.call(this, port, ...rest);
};
