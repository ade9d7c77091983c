import QtQuick
import "../theme"

// The code of the view, to be read by a phone; always dark on white.
Rectangle {
    id: code

    property string say: ""

    color: "#FFFFFF"
    width: height

    Image {
        Accessible.name: code.say
        Accessible.role: Accessible.Graphic
        anchors.fill: parent
        cache: false
        smooth: false
        source: "image://photos/code?" + Bridge.pictures.code
    }
}
