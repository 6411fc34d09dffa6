package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"hustings/kit/publish"
)

type w interface {
	Write([]byte) (int, error)
	Close() error
	Reset(dst interface{ Write([]byte) (int, error) })
}

func main() {
	s, err := publish.Open(os.Args[1], publish.Options{ReadOnly: true})
	if err != nil {
		panic(err)
	}
	e, err := s.Edition(context.Background(), "results/night", 1)
	if err != nil {
		panic(err)
	}
	var bodies [][]byte
	total := 0
	for _, p := range e.Paths() {
		if strings.HasPrefix(p, "downloads/") {
			continue
		}
		f, err := s.Read(context.Background(), "results/night", 1, p)
		if err != nil {
			panic(err)
		}
		bodies = append(bodies, f.Body)
		total += len(f.Body)
	}
	fmt.Println(len(bodies), total)


	var out bytes.Buffer
	for range 2 {
	for _, l := range []int{3, 1, 2, 4} {
		g, _ := gzip.NewWriterLevel(&out, l)
		n := 0
		t := time.Now()
		for _, b := range bodies {
			out.Reset()
			g.Reset(&out)
			g.Write(b)
			g.Close()
			n += out.Len()
		}
		fmt.Println("gzip", l, time.Since(t), n)
	}
	}
}
