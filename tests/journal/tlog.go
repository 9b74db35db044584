// SPDX-License-Identifier: Apache-2.0

// Checks a journal with the tools of Go's checksum database (golang.org/x/mod/sumdb/note and tlog; in Debian
// golang-golang-x-mod-dev): what others made, unchanged, verifies what Cordon writes.
//
//	tlog-go journal DIR VKEYFILE            checkpoint, every tile on the way, each record (of many: some), earlier trees
//	tlog-go proof PROOF DIR VKEYFILE        what `cordon journal prove` printed, for the entry that is in DIR
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("wrong:", err)
		os.Exit(1)
	}
}

func read(path string) string {
	data, err := os.ReadFile(path)
	check(err)
	return string(data)
}

// The tree that a signed note promises: origin, size, root.
func checkpoint(text, vkeyFile string) (string, tlog.Tree) {
	verifier, err := note.NewVerifier(strings.TrimSpace(read(vkeyFile)))
	check(err)
	n, err := note.Open([]byte(text), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return lines[0], tlog.Tree{N: size, Hash: root}
}

// Tiles from the folder; Go's paths name the height, those of C2SP tlog-tiles do not.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

// The entry of the log at the index.
func (f folder) entry(index, size int64) []byte {
	t := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if (index/256+1)*256 > size {
		t.W = int(size % 256)
	}
	data := []byte(read(filepath.Join(string(f), strings.Replace(t.Path(), "tile/8/0/", "tile/entries/", 1))))
	for i := int64(0); ; i++ {
		n := binary.BigEndian.Uint16(data)
		if i == index%256 {
			return data[2 : 2+n]
		}
		data = data[2+n:]
	}
}

func journal(dir, vkeyFile string) {
	f := folder(dir)
	origin, tree := checkpoint(read(filepath.Join(dir, "checkpoint")), vkeyFile)
	reader := tlog.TileHashReader(tree, f)
	step := tree.N/200 + 1
	for i := int64(0); i < tree.N; i += step {
		p, err := tlog.ProveRecord(tree.N, i, reader)
		check(err)
		check(tlog.CheckRecord(p, tree.N, tree.Hash, i, tlog.RecordHash(f.entry(i, tree.N))))
		earlier, err := tlog.TreeHash(i+1, reader)
		check(err)
		q, err := tlog.ProveTree(tree.N, i+1, reader)
		check(err)
		check(tlog.CheckTree(q, tree.N, tree.Hash, i+1, earlier))
	}
	fmt.Println("ok", origin, tree.N)
}

func proof(file, dir, vkeyFile string) {
	head, signed, _ := strings.Cut(read(file), "\n\n")
	lines := strings.Split(head, "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	check(err)
	var p tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		check(err)
		var h tlog.Hash
		copy(h[:], raw)
		p = append(p, h)
	}
	origin, tree := checkpoint(signed, vkeyFile)
	check(tlog.CheckRecord(p, tree.N, tree.Hash, index, tlog.RecordHash(folder(dir).entry(index, tree.N))))
	fmt.Println("ok", origin, index, "of", tree.N)
}

func main() {
	a := os.Args[1:]
	if len(a) == 3 && a[0] == "journal" {
		journal(a[1], a[2])
	} else if len(a) == 4 && a[0] == "proof" {
		proof(a[1], a[2], a[3])
	} else {
		fmt.Println("see the head of tlog.go")
		os.Exit(2)
	}
}
