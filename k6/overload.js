// Far more than the system can do, then a normal load again: what it cannot do it must refuse at once and say when to come back;
// what it takes it must answer in time; and afterwards it must be as before.
import { check } from 'k6';
import { Rate, Trend } from 'k6/metrics';
import { created, get, newService } from './modules/api.js';

const RATE = Number(__ENV.RATE || 100);
const PEAK = Number(__ENV.PEAK || RATE * 50);

const refused = new Rate('refused');
const refusal = new Trend('refusal_duration', true);
const accepted = new Trend('accepted_duration', true);

function phase(exec, rate, startTime, duration) {
  return {
    executor: 'constant-arrival-rate',
    exec,
    rate,
    timeUnit: '1s',
    startTime,
    duration,
    preAllocatedVUs: Math.min(2000, Math.max(50, rate)),
    maxVUs: 3000,
  };
}

export const options = {
  scenarios: {
    before: phase('normal', RATE, '0s', '10s'),
    peak: phase('peak', PEAK, '10s', '20s'),
    after: phase('normal', RATE, '40s', '10s'),
  },
  thresholds: {
    'checks{scenario:before}': ['rate>0.999'],
    'checks{scenario:peak}': ['rate>0.999'],
    'checks{scenario:after}': ['rate>0.999'],
    // A queue longer than callers wait is work for nobody: what is taken is answered within the routes' time-out.
    accepted_duration: ['p(99)<5000'],
    refusal_duration: ['p(99)<1000'],
  },
};

export function setup() {
  return { serviceId: created('/services', newService()) };
}

export function normal({ serviceId }) {
  check(get(`/services/${serviceId}/summary`, 'normal'), { 'answered': (r) => r.status === 200 });
}

export function peak({ serviceId }) {
  const response = get(`/services/${serviceId}/summary`, 'peak');
  const no = response.status === 503 || response.status === 504;
  refused.add(no);
  (no ? refusal : accepted).add(response.timings.duration);
  check(response, {
    'answered, or refused with a time to come back': (r) =>
      r.status === 200 || r.status === 504 || (r.status === 503 && r.headers['Retry-After'] !== undefined),
  });
}
