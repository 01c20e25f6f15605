package supervisor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The kubeadm control plane controller reads <cluster>-kubeconfig to reach its
// in-memory control plane, so that Secret is what Cluster API made. Users, who
// come through the front door, get the kubeconfig of the real workload API
// server in its place.
const kubeconfigSuffix = "-kubeconfig"

// secretsRequest says whether a request reads Secrets, and of which namespace
// and name, if it says so.
func secretsRequest(r *http.Request) (name string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/api/v1/")
	if !ok || r.Method != http.MethodGet {
		return "", false
	}
	if tail, ok := strings.CutPrefix(rest, "namespaces/"); ok {
		_, rest, _ = strings.Cut(tail, "/")
	}
	if rest == "secrets" {
		return "", true
	}
	name, ok = strings.CutPrefix(rest, "secrets/")
	return name, ok && !strings.Contains(name, "/")
}

// forceReadableSecrets asks for what can be rewritten: JSON, not compressed. A
// table has no values in it and may stay one.
func forceReadableSecrets(r *http.Request) {
	if _, ok := secretsRequest(r); !ok {
		return
	}
	r.Header.Del("Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept"), "as=Table") {
		r.Header.Set("Accept", "application/json")
	}
}

// rewriteKubeconfigSecrets replaces the kubeconfigs in answers to a get, a list
// or a watch of Secrets.
func (s *Supervisor) rewriteKubeconfigSecrets(res *http.Response) error {
	name, ok := secretsRequest(res.Request)
	if !ok || res.StatusCode != http.StatusOK || strings.Contains(res.Header.Get("Content-Type"), "as=Table") {
		return nil
	}
	if name != "" && !strings.HasSuffix(name, kubeconfigSuffix) {
		return nil
	}
	source := s.workloadSource()
	if source == nil {
		return nil
	}
	ctx := res.Request.Context()
	if watch := res.Request.URL.Query().Get("watch"); watch == "true" || watch == "1" {
		res.Body = rewriteStream(ctx, source, res.Body)
		return nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	rewritten, found := rewriteBody(ctx, source, body)
	if !found {
		// Young clusters have no API server yet. The Secret is not there
		// before there is something to reach with it.
		return notFound(res, name)
	}
	setBody(res, rewritten)
	return nil
}

func setBody(res *http.Response, body []byte) {
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.ContentLength = int64(len(body))
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

func notFound(res *http.Response, name string) error {
	body, err := json.Marshal(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		Message: `secrets "` + name + `" not found`,
		Details: &metav1.StatusDetails{Name: name, Kind: "secrets"},
	})
	res.StatusCode, res.Status = http.StatusNotFound, "404 Not Found"
	setBody(res, body)
	return err
}

// rewriteBody handles one Secret or a list of them. It returns false for a
// single Secret whose kubeconfig cannot be replaced yet.
func rewriteBody(ctx context.Context, source WorkloadSource, body []byte) ([]byte, bool) {
	var doc map[string]any
	if json.Unmarshal(body, &doc) != nil {
		return body, true
	}
	if items, ok := doc["items"].([]any); ok {
		kept := []any{}
		for _, item := range items {
			if secret, ok := item.(map[string]any); !ok || rewriteSecret(ctx, source, secret) {
				kept = append(kept, item)
			}
		}
		doc["items"] = kept
	} else if !rewriteSecret(ctx, source, doc) {
		return nil, false
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return body, true
	}
	return out, true
}

// rewriteSecret returns false when a kubeconfig has nothing to be replaced by.
func rewriteSecret(ctx context.Context, source WorkloadSource, secret map[string]any) bool {
	meta, _ := secret["metadata"].(map[string]any)
	name, _ := meta["name"].(string)
	namespace, _ := meta["namespace"].(string)
	cluster, ok := strings.CutSuffix(name, kubeconfigSuffix)
	if kind, _ := secret["type"].(string); !ok || kind != "cluster.x-k8s.io/secret" {
		return true
	}
	kubeconfig, ok := source.Kubeconfig(ctx, namespace, cluster)
	if !ok {
		return false
	}
	secret["data"] = map[string]any{"value": base64.StdEncoding.EncodeToString(kubeconfig)}
	return true
}

// rewriteStream rewrites the events of a watch, one a line. An event whose
// kubeconfig is not there yet is left out.
func rewriteStream(ctx context.Context, source WorkloadSource, body io.ReadCloser) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		defer func() { _ = body.Close() }()
		lines := bufio.NewReader(body)
		for {
			line, err := lines.ReadBytes('\n')
			if len(bytes.TrimSpace(line)) > 0 {
				if out := rewriteEvent(ctx, source, line); out != nil {
					if _, err := writer.Write(out); err != nil {
						return
					}
				}
			}
			if err != nil {
				_ = writer.CloseWithError(err)
				return
			}
		}
	}()
	return reader
}

func rewriteEvent(ctx context.Context, source WorkloadSource, line []byte) []byte {
	var event map[string]any
	if json.Unmarshal(line, &event) != nil {
		return line
	}
	secret, ok := event["object"].(map[string]any)
	if !ok {
		return line
	}
	if !rewriteSecret(ctx, source, secret) && event["type"] != "DELETED" {
		return nil
	}
	out, err := json.Marshal(event)
	if err != nil {
		return line
	}
	return append(out, '\n')
}
