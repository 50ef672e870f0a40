package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of /proc/PID/stat: USER_HZ, which is 100 on every Linux
// that Go runs on.
const tick = 10 * time.Millisecond

// child is a process that this one started and will end.
type child struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	words   *bytes.Buffer // what it said on stderr
}

// startChild starts a program with an environment of its own; what it writes
// to stdout is read line by line.
func startChild(ctx context.Context, environment []string, program string, arguments ...string) (*child, error) {
	c := &child{command: exec.CommandContext(ctx, program, arguments...), words: &bytes.Buffer{}}
	c.command.Env, c.command.Stderr = append(os.Environ(), environment...), c.words
	in, err := c.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewReader(out)
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return c, nil
}

// line is the next that the child says.
func (c *child) line() (string, error) {
	line, err := c.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s ended: %w: %s", c.command.Path, err, c.words)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// say sends a line to the child.
func (c *child) say(line string) error {
	_, err := io.WriteString(c.in, line+"\n")
	return err
}

// cpu is the time that the process and the children it waited for have spent
// on a processor: fields 14 to 17 of proc_pid_stat(5).
func (c *child) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name, which may hold anything, ends at the last bracket; field 3 follows.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 15 {
		return 0, errors.New("/proc/PID/stat is shorter than it should be")
	}
	var ticks int64
	for _, field := range fields[11:15] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// resident is the memory that the process holds, in bytes.
func (c *child) resident() (int64, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		return 0, err
	}
	return resident * int64(os.Getpagesize()), nil
}

// stop ends the child and waits for it.
func (c *child) stop() error {
	err := errors.Join(c.in.Close(), c.command.Process.Signal(syscall.SIGTERM))
	if errors.Is(err, os.ErrProcessDone) {
		err = nil // it ended when its input did
	}
	_ = c.command.Wait() // the signal's own status
	return err
}
