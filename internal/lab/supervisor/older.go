package supervisor

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
)

// A Supervisor before VKS 3.5 serves Clusters as v1beta1 only. The older door
// shows the lab's as such a one: it hides the newer version where a client could
// find it, and does not know it where one asks for it anyway.

const (
	clusterGroup = "cluster.x-k8s.io"
	newerVersion = "v1beta2"
	olderVersion = "v1beta1"
)

// refuseNewerAPI answers for what is hidden, and has the API server write what
// is rewritten in JSON and without compression.
func (s *Supervisor) refuseNewerAPI(next http.Handler) http.Handler {
	hidden := "/apis/" + clusterv1.GroupVersion.String()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, "/openapi/v3"); {
		case path == hidden || strings.HasPrefix(path, hidden+"/"):
			if _, _, err := s.Authenticate(bearer(r)); err != nil {
				writeStatus(w, unauthorized(err)) // what is served is nobody's business without a login
				return
			}
			writeStatus(w, &metav1.Status{
				TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
				Message: "the server could not find the requested resource", Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
				Details: &metav1.StatusDetails{Group: clusterGroup},
			})
			return
		case tells(r.URL.Path):
			r = r.Clone(r.Context())
			r.Header.Del("Accept-Encoding")
			r.Header.Del("If-None-Match") // the answer's tag is that of what was not rewritten
			accept := "application/json"
			if strings.Contains(r.Header.Get("Accept"), "as=APIGroupDiscoveryList") {
				accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
			}
			r.Header.Set("Accept", accept)
		}
		next.ServeHTTP(w, r)
	})
}

// tells says whether a path's answer lists versions of the group.
func tells(path string) bool {
	return slices.Contains([]string{"/apis", "/apis/" + clusterGroup, "/openapi/v3"}, strings.TrimSuffix(path, "/"))
}

// hideNewerAPI takes the newer version out of the documents of discovery.
func hideNewerAPI(res *http.Response) error {
	if !tells(res.Request.URL.Path) || res.StatusCode != http.StatusOK {
		return nil
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	hideFromGroup(doc) // /apis/cluster.x-k8s.io
	for _, key := range []string{"groups", "items"} {
		list, _ := doc[key].([]any)
		for _, entry := range list {
			if group, ok := entry.(map[string]any); ok {
				hideFromGroup(group)
			}
		}
	}
	if paths, ok := doc["paths"].(map[string]any); ok {
		delete(paths, "apis/"+clusterv1.GroupVersion.String())
	}
	if raw, err = json.Marshal(doc); err != nil {
		return err
	}
	res.Header.Del("ETag")
	setBody(res, raw)
	return nil
}

// hideFromGroup changes an APIGroup, or an APIGroupDiscovery, of Cluster API.
func hideFromGroup(group map[string]any) {
	meta, _ := group["metadata"].(map[string]any)
	if group["name"] != clusterGroup && meta["name"] != clusterGroup {
		return
	}
	versions, _ := group["versions"].([]any)
	group["versions"] = slices.DeleteFunc(versions, func(v any) bool {
		version, _ := v.(map[string]any)
		return version["version"] == newerVersion
	})
	if _, ok := group["preferredVersion"]; ok {
		group["preferredVersion"] = map[string]any{"groupVersion": clusterGroup + "/" + olderVersion, "version": olderVersion}
	}
}
