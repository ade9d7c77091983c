// Sends the chosen files one after the other and shows how far each is. For old phones: no syntax of after 2009.
// Without this script the form of the page does the same with one touch more.
(function () {
  "use strict";
  var form = document.getElementById("form");
  var input = document.getElementById("files");
  var list = document.getElementById("list");
  if (!form || !input.files || !window.XMLHttpRequest || !("upload" in new XMLHttpRequest())) {
    return;
  }
  var waiting = [];
  var busy = false;
  form.className = "scripted";

  function line(name) {
    var item = document.createElement("li");
    var title = document.createElement("span");
    var bar = document.createElement("progress");
    var words = document.createElement("p");
    title.appendChild(document.createTextNode(name));
    bar.max = 100;
    bar.value = 0;
    words.appendChild(document.createTextNode(form.getAttribute("data-sending")));
    item.appendChild(title);
    item.appendChild(bar);
    item.appendChild(words);
    list.appendChild(item);
    return { item: item, bar: bar, words: words };
  }

  function end(shown, good, text) {
    shown.item.className = good ? "good" : "bad";
    shown.item.removeChild(shown.bar);
    shown.words.firstChild.nodeValue = text;
    busy = false;
    next();
  }

  function answer(request) {
    try {
      return JSON.parse(request.responseText);
    } catch (error) {
      return { ok: false, text: form.getAttribute("data-lost") };
    }
  }

  function next() {
    if (busy || !waiting.length) {
      return;
    }
    busy = true;
    var file = waiting.shift();
    var shown = line(file.name);
    if (file.size > Number(form.getAttribute("data-largest"))) {
      end(shown, false, form.getAttribute("data-large"));
      return;
    }
    var request = new XMLHttpRequest();
    var path = location.pathname.replace(/\/+$/, "");
    request.open("POST", path + "/files?lang=" + form.getAttribute("data-language"));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = function (event) {
      if (event.lengthComputable) {
        shown.bar.value = Math.floor((100 * event.loaded) / event.total);
      }
    };
    request.onload = function () {
      var said = answer(request);
      end(shown, said.ok === true, String(said.text || form.getAttribute("data-lost")));
    };
    request.onerror = function () {
      end(shown, false, form.getAttribute("data-lost"));
    };
    request.send(file);
  }

  input.onchange = function () {
    for (var i = 0; i < input.files.length; i += 1) {
      waiting.push(input.files[i]);
    }
    next();
  };
})();
