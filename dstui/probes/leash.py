# The beginning of every probe: it ends at its time limit, and as soon as nobody reads its answers.
import json
import os
import signal
import sys
import threading

signal.alarm(int(sys.argv[1]))


def leave_with_the_reader():
    while os.read(0, 64):
        pass
    os._exit(0)


reader = threading.Thread(target=leave_with_the_reader)
reader.daemon = True
reader.start()


def tell(**answer):
    sys.stdout.write("\ndstui:" + json.dumps(answer) + "\n")
    sys.stdout.flush()
