// Reads an exported log with the Go project's own packages, and checks its signature, its root and every entry.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int { return 8 }

// ReadTiles leaves out the height in a tile's path, as tlog-tiles does.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		content, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		data = append(data, content)
	}
	return data, nil
}

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	from := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	signed, err := os.ReadFile(filepath.Join(string(from), "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	var hash tlog.Hash
	copy(hash[:], root)
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: hash}, from)
	computed, err := tlog.TreeHash(size, reader)
	must(err)
	if !bytes.Equal(computed[:], root) {
		log.Fatal("the root is another one")
	}
	for i := int64(0); i < size; {
		path := tlog.Tile{H: 8, L: 0, N: i / 256, W: 256}
		if size-i < 256 {
			path.W = int(size - i)
		}
		name := strings.Replace(path.Path(), "tile/8/0/", "tile/entries/", 1)
		content, err := os.ReadFile(filepath.Join(string(from), name))
		must(err)
		for len(content) > 0 {
			length := int(content[0])<<8 | int(content[1])
			proof, err := tlog.ProveRecord(size, i, reader)
			must(err)
			must(tlog.CheckRecord(proof, size, hash, i, tlog.RecordHash(content[2:2+length])))
			content, i = content[2+length:], i+1
		}
	}
	fmt.Printf("OK: %s, %d entries\n", lines[0], size)
}
