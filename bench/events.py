"""The hold model of bench/events.bench.ts in SimPy (3 or later, or Debian's 2): WAITING processes that wait a random time again and again.
Prints nanoseconds an event and the number of events."""
import random
import sys
import time

waiting, events = int(sys.argv[1]), int(sys.argv[2])
random.seed(42)
delays = [random.randrange(1, 1_000_000) for _ in range(4096)]
count = 0


def due():
    global count
    count += 1
    return delays[count & 4095]


try:
    import simpy

    environment = simpy.Environment()

    def hold():
        while True:
            yield environment.timeout(due())

    for _ in range(waiting):
        environment.process(hold())
    start = time.process_time()
    while count < events:
        environment.step()
except ImportError:
    from SimPy.Simulation import Process, activate, hold, initialize, simulate, stopSimulation

    class Hold(Process):
        def run(self):
            while True:
                yield hold, self, due()
                if count >= events:
                    stopSimulation()

    initialize()
    for _ in range(waiting):
        process = Hold()
        activate(process, process.run())
    start = time.process_time()
    simulate(until=1e18)
print((time.process_time() - start) / count * 1e9, count)
